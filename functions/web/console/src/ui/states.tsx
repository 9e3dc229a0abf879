/** What a screen shows instead of its content: nothing yet, nothing at all, or what went wrong. */
import type { ComponentChildren } from "preact";
import type { Query } from "~/api/query";
import type { ApiError } from "~/api/problem";
import { moment } from "~/text/times";
import { Button, ButtonLink } from "./button";
import { Icon } from "./icon";
import type { IconName } from "./icons";
import { Note } from "./note";
import { serviceName } from "./service";

/** The shape of what comes; it appears when that takes a while. */
export function Skeleton({ rows = 4 }: { rows?: number }) {
  return (
    <div class="late" role="status">
      <span class="hidden-text">Loading</span>
      <div class="card pad stack">
        {Array.from({ length: rows }, (_, at) => (
          <span key={at} class={`skeleton ${["most", "half", ""][at % 3]}`} />
        ))}
      </div>
    </div>
  );
}

interface EmptyProps {
  title: string;
  icon?: IconName;
  children?: ComponentChildren;
  action?: ComponentChildren;
}

/** Nothing is here: what would be, why it is not, and one thing to do. */
export function Empty({ title, icon = "info", children, action }: EmptyProps) {
  return (
    <div class="card empty">
      <Icon name={icon} />
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {action}
    </div>
  );
}

/** Why something cannot be shown or done, and the next step. */
export function Failure({ error, retry }: { error: ApiError; retry?: () => void }) {
  const { problem } = error;
  const service = problem.provider ? serviceName(problem.provider) : "The service";
  const again = retry && <Button icon="run" onClick={retry}>Try again</Button>;
  const until = problem.until ? moment(problem.until) : error.retryAfter ? moment(Date.now() + error.retryAfter * 1000) : null;
  switch (error.kind) {
    case "offline":
      return (
        <Note live tone="warn" icon="cloud" title="You are offline" actions={again}>
          What you see is what was read last. It goes on by itself once you are connected; nothing is lost.
        </Note>
      );
    case "session-ended":
      return <Note live tone="warn" icon="lock" title="You were signed out">Sign in again to go on where you were.</Note>;
    case "quota":
      return (
        <Note live tone="warn" icon="clock" title={problem.title ?? "Today’s allowance is used up"} actions={again}>
          {until ? `It goes on ${until}. ` : ""}{problem.detail}
        </Note>
      );
    case "too-fast":
      return (
        <Note live tone="warn" icon="clock" title="That was too fast" actions={again}>
          {until ? `Try again ${until}.` : "Try again in a moment."}
        </Note>
      );
    case "provider-down":
      return (
        <Note live tone="bad" title={`${service} does not answer`} actions={again}>
          {problem.detail ?? "Try again in a few minutes. Nothing of yours is lost."}
        </Note>
      );
    case "unavailable":
      return (
        <Note live tone="bad" title={problem.title ?? "This does not answer right now"} actions={again}>
          {problem.detail ?? "Try again in a few minutes."} {problem.request_id && <Reference id={problem.request_id} />}
        </Note>
      );
    case "not-there":
      return (
        <Empty icon="search" title="There is nothing here" action={<ButtonLink href="/app">Go to Home</ButtonLink>}>
          It was deleted, or it never was yours.
        </Empty>
      );
    case "refused":
      return (
        <Note live tone="bad" title={problem.title ?? "That did not work"} actions={problem.action === "link" ? <ButtonLink href="/app/account/services">Link again</ButtonLink> : again}>
          {problem.detail}
        </Note>
      );
  }
}

function Reference({ id }: { id: string }) {
  return <span class="small">Reference for the operators: <code>{id}</code></span>;
}

interface LoadedProps<T> {
  query: Query<T>;
  skeleton?: ComponentChildren;
  children: (data: T) => ComponentChildren;
}

/** Content once it is there; before that its shape, and above what was read last why there is nothing newer. */
export function Loaded<T>({ query, skeleton, children }: LoadedProps<T>) {
  const data = query.data.value;
  const error = query.error.value;
  if (data === null) return <>{error ? <Failure error={error} retry={() => void query.reload()} /> : (skeleton ?? <Skeleton />)}</>;
  return (
    <>
      {error && <div class="stack"><Failure error={error} retry={() => void query.reload()} /><span /></div>}
      {children(data)}
    </>
  );
}
