export { createPlayer } from "./player";
export type { Files, Loop, Music, Output, Player, Role, State, Voice } from "./types";
