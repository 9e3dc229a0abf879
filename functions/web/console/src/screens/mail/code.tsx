import { useSignal } from "@preact/signals";
import { asApiError, type ApiError } from "~/api/problem";
import { clock } from "~/text/times";
import { Button } from "~/ui/button";
import { Field } from "~/ui/field";
import { NewPassword } from "~/ui/new-password";
import { Failure } from "~/ui/states";

export interface Announced {
  confirmation: string;
  expires_at: string;
}

interface Props {
  email: string;
  announced: Announced;
  action: string;
  /** Whether a new password is asked for with the code. */
  withPassword?: boolean;
  onCode: (code: string, password: string) => Promise<void>;
}

/** The six digits that went out by mail; its link does the same. */
export function CodeForm({ email, announced, action, withPassword, onCode }: Props) {
  const error = useSignal<ApiError | null>(null);
  const busy = useSignal(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement);
    busy.value = true;
    error.value = null;
    try {
      await onCode(String(given.get("code")).replace(/\D/g, ""), String(given.get("new") ?? ""));
    } catch (thrown) {
      error.value = asApiError(thrown);
    } finally {
      busy.value = false;
    }
  };
  return (
    <form class="card pad-l stack" onSubmit={submit}>
      {error.value && <Failure error={error.value} />}
      <p>A mail is on its way to <b>{email}</b>. Open its link, or type its six digits here. Both are good until {clock(announced.expires_at)}.</p>
      <Field label="Six digits" name="code" autocomplete="one-time-code" required maxLength={7} error={error.value?.field("code")} />
      {withPassword && <NewPassword error={error.value?.field("new_password")} />}
      <Button submit look="primary" full busy={busy.value}>{action}</Button>
    </form>
  );
}
