/** Which screen is shown, and to whom. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Frame } from "./frame";
import { BASE, go, match, path, type Params, type Screen } from "./router";
import { ROUTES } from "./routes";
import { Welcome } from "./screens/welcome";
import { restore, unknown, user } from "./session";
import { asApiError, type ApiError } from "./api/problem";
import { Head } from "./ui/page";
import { Empty, Failure, Skeleton } from "./ui/states";
import { ButtonLink } from "./ui/button";
import { OutsidePage } from "./ui/outside";

interface Shown {
  screen: Screen;
  params: Params;
  at: string;
}

export function App() {
  const found = match(ROUTES, path.value);
  const shown = useSignal<Shown | null>(null);
  const error = useSignal<ApiError | null>(null);
  const known = user.value !== undefined;
  const mayShow = Boolean(found && (found.route.open || user.value));

  useEffect(() => {
    if (!found || !mayShow) return;
    let left = false;
    error.value = null;
    found.route.load().then(
      (module) => {
        if (!left) shown.value = { screen: module.default, params: found.params, at: path.value };
      },
      (thrown) => {
        if (!left) error.value = asApiError(thrown);
      },
    );
    return () => {
      left = true;
    };
  }, [path.value, mayShow]);

  useEffect(() => {
    // Whoever is not signed in is sent back here afterwards.
    if (known && !user.value && found && !found.route.open && found.route.path !== "/") {
      go(`${BASE}/signin?next=${encodeURIComponent(path.value)}`, { replace: true });
    }
  }, [path.value, known, user.value]);

  if (!known) {
    if (!unknown.value) return null;
    return (
      <OutsidePage width="narrow">
        <Failure error={unknown.value} retry={() => void restore()} />
      </OutsidePage>
    );
  }
  if (!user.value && (!found || found.route.path === "/")) return <Welcome />;
  const ready = shown.value?.at === path.value ? shown.value : null;
  const Content = ready?.screen;
  if (found?.route.open) return Content ? <Content params={ready!.params} /> : null;
  if (!user.value) return null;
  return (
    <Frame section={found?.route.section}>
      {!found ? (
        <>
          <Head title="Nothing here" />
          <Empty icon="search" title="There is nothing at this address" action={<ButtonLink href="/app">Go to Home</ButtonLink>} />
        </>
      ) : error.value ? (
        <Failure error={error.value} retry={() => location.reload()} />
      ) : Content ? (
        <Content params={ready!.params} />
      ) : (
        <Skeleton />
      )}
    </Frame>
  );
}
