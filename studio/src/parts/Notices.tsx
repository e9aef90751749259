// One sentence to the reader, in a place of its own, so that nothing jumps.

import { undo } from "../history";
import { about, gone, notice, player } from "../state";

export function Notices() {
  const sound = player.value;
  const failed = sound?.error.value ?? "";
  const told = gone.value
    ? { text: "The studio does not answer. What you typed is safe; it goes on by itself as soon as the studio is back.", bad: true }
    : notice.value ??
      (failed ? { text: failed, bad: true } : null) ??
      (about.value && !about.value.model ? { text: about.value.sentences["model"] ?? "The model is not here; nothing can be improvised." } : null);
  return (
    <div class="notices" role="status" aria-live="polite">
      {told && (
        <p class={told.bad ? "bad" : ""}>
          <span>{told.text}</span>
          {"undo" in told && told.undo && <button type="button" onClick={() => { notice.value = null; void undo(); }}>undo</button>}
          {!gone.value && notice.value && <button type="button" aria-label="Dismiss" onClick={() => (notice.value = null)}>×</button>}
        </p>
      )}
    </div>
  );
}
