export { createPlayer } from "./player";
export type { Files, Loop, Music, Player, Role, State, Voice } from "./types";
