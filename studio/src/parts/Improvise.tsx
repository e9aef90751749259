// The one big action.

import { improvise, stop } from "../actions";
import { coming, gone } from "../state";

export function Improvise() {
  const on = coming.value;
  return (
    <p class="act">
      <button
        class="go"
        type="button"
        data-state={on ? "coming" : "ready"}
        onClick={() => (on ? stop() : void improvise())}
      >
        <span>{on ? "stop" : "improvise"}</span>
        {on ? (
          <small>
            {gone.value
              ? "waiting for the studio"
              : on.ahead
                ? `${on.ahead} before you`
                : `bar ${on.done} of ${on.of}`}
          </small>
        ) : (
          <kbd aria-hidden="true">⏎</kbd>
        )}
      </button>
    </p>
  );
}
