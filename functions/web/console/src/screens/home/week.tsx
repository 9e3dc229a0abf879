import type { Schemas } from "~/api/client";
import { minutes, plainDay } from "~/text/times";

type Day = Schemas["Home"]["week"]["days"][number];

/** Seven bars; a table says the same to whoever cannot see them. */
export function WeekChart({ days }: { days: readonly Day[] }) {
  const most = Math.max(1, ...days.map((one) => one.minutes));
  return (
    <figure class="plot small">
      <table class="hidden-text">
        <caption>Listening by day</caption>
        <tbody>
          {days.map((one) => (
            <tr key={one.date}><th scope="row">{plainDay(one.date, { weekday: "long" })}</th><td>{minutes(one.minutes)}</td></tr>
          ))}
        </tbody>
      </table>
      <span />
      <svg viewBox="0 0 70 40" preserveAspectRatio="none" aria-hidden="true">
        {days.map((one, at) => {
          const height = (one.minutes / most) * 38;
          return <rect key={one.date} x={at * 10 + 1.5} y={40 - height} width="7" height={height}><title>{minutes(one.minutes)}</title></rect>;
        })}
      </svg>
      <div class="names" aria-hidden="true">{days.map((one) => <span key={one.date}>{plainDay(one.date, { weekday: "short" })}</span>)}</div>
    </figure>
  );
}
