// The numbers: novelty in words, and the line's statistics beside those of players.

import { take } from "../state";

const round = (value: number, digits = 2) => value.toFixed(Math.min(digits, 2));

const sentence = (words: string) => `${words.charAt(0).toUpperCase()}${words.slice(1).replace(/\.$/, "")}.`;

export function Numbers() {
  const music = take.value?.music;
  if (!music) return <div class="numbers"><p class="novelty">Improvise first: then its numbers stand here.</p></div>;
  return (
    <div class="numbers" tabIndex={0} role="region" aria-label="Numbers">
      <p class="novelty">{sentence(music.novelty.sentence)}</p>
      <table>
        <caption class="vh">Statistics of the line beside those of players</caption>
        <thead>
          <tr>
            <th scope="col">of the line</th>
            <th scope="col">this solo</th>
            <th scope="col">players</th>
            <td aria-hidden="true" />
          </tr>
        </thead>
        <tbody>
          {music.statistics.map((one) => {
            const most = Math.max(Math.abs(one.value), Math.abs(one.players ?? 0)) || 1;
            return (
              <tr key={one.name}>
                <th scope="row">{one.name}</th>
                <td>{round(one.value, one.digits)} {one.unit}</td>
                <td>{one.players === null ? "–" : `${round(one.players, one.digits)} ${one.unit}`}</td>
                <td aria-hidden="true">
                  <svg class="beside" viewBox="0 0 100 16" preserveAspectRatio="none">
                    <rect class="mine" width={(Math.abs(one.value) / most) * 100} height="6" y="1" />
                    {one.players !== null && <rect class="theirs" width={(Math.abs(one.players) / most) * 100} height="4" y="10" />}
                  </svg>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
