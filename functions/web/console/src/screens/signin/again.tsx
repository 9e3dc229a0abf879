import { ended, signedOut, user } from "~/session";
import { Button } from "~/ui/button";
import { Dialog } from "~/ui/dialog";
import { toast } from "~/ui/toast";
import { SignInForm } from "./form";

/** When the session ends while somebody is at work: they sign in over the page, which stays as it is. */
export function SignInAgain() {
  if (!ended.value) return null;
  const leave = signedOut;
  return (
    <Dialog title="You were signed out" onClose={leave}>
      <p>Sign in again to go on where you were. What you have begun is still here.</p>
      <SignInForm email={user.value?.email} onDone={() => toast("You are signed in again.")} />
      <div class="row end"><Button look="quiet" onClick={leave}>Leave</Button></div>
    </Dialog>
  );
}
