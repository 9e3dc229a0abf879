import type { Schemas } from "~/api/client";
import { minutes, plainDay } from "~/text/times";

type Day = Schemas["DayTotals"];

const DAY_NAMES = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const SHADES = 5;

/** A bar a day, and the same as a table. */
export function DaysChart({ days }: { days: readonly Day[] }) {
  const most = Math.max(1, ...days.map((one) => one.minutes));
  const width = 700 / Math.max(1, days.length);
  return (
    <figure class="plot">
      <div class="scale" aria-hidden="true"><span>{minutes(most)}</span><span>0</span></div>
      <svg viewBox="0 0 700 100" preserveAspectRatio="none" role="img" aria-label="Minutes by day; a table follows">
        <line x1="0" x2="700" y1="99.5" y2="99.5" />
        {days.map((one, at) => (
          <rect key={one.date} x={at * width + width * 0.15} y={100 - (one.minutes / most) * 98} width={width * 0.7} height={(one.minutes / most) * 98}>
            <title>{`${plainDay(one.date)}: ${minutes(one.minutes)}`}</title>
          </rect>
        ))}
      </svg>
      <details class="as-table">
        <summary>As a table</summary>
        <table>
          <thead><tr><th scope="col">Day</th><th scope="col" class="number">Listened</th><th scope="col" class="number">Plays</th></tr></thead>
          <tbody>
            {days.map((one) => <tr key={one.date}><th scope="row">{plainDay(one.date)}</th><td class="number">{minutes(one.minutes)}</td><td class="number">{one.plays.toLocaleString()}</td></tr>)}
          </tbody>
        </table>
      </details>
    </figure>
  );
}

/** Plays by hour and day of the week, darker for more; the same as a table. */
export function HoursChart({ hours }: { hours: readonly (readonly number[])[] }) {
  const most = Math.max(1, ...hours.flat());
  const shade = (plays: number) => (plays ? Math.min(SHADES, Math.ceil((plays / most) * SHADES)) : 0);
  return (
    <figure>
      <svg class="heat" viewBox="0 0 270 84" role="img" aria-label="Plays by hour and day of the week; a table follows">
        {hours.map((row, day) => (
          <g key={day}>
            <text x="0" y={day * 11 + 8}>{DAY_NAMES[day]}</text>
            {row.map((plays, hour) => (
              <rect key={hour} class={`shade-${shade(plays)}`} x={24 + hour * 10.2} y={day * 11} width="9.2" height="10" rx="1.5"><title>{`${DAY_NAMES[day]} ${hour}:00: ${plays}`}</title></rect>
            ))}
          </g>
        ))}
        {[0, 6, 12, 18].map((hour) => <text key={hour} x={24 + hour * 10.2} y="83">{String(hour).padStart(2, "0")}</text>)}
      </svg>
      <details class="as-table">
        <summary>As a table</summary>
        <div class="scroll" tabIndex={0} role="region" aria-label="Plays by hour">
          <table>
            <thead><tr><th scope="col">Hour</th>{DAY_NAMES.map((name) => <th key={name} scope="col" class="number">{name}</th>)}</tr></thead>
            <tbody>
              {Array.from({ length: 24 }, (_, hour) => (
                <tr key={hour}><th scope="row">{String(hour).padStart(2, "0")}</th>{hours.map((row, day) => <td key={day} class="number">{row[hour] ?? 0}</td>)}</tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}
