import { Field } from "./field";

const MIN_LENGTH = 10;

/** A field for a password that is to be. */
export function NewPassword(props: { label?: string; name?: string; hint?: string; error?: string | null }) {
  const { label = "New password", name = "new", hint = "", error } = props;
  return (
    <Field
      label={label} name={name} type="password" autocomplete="new-password" required minLength={MIN_LENGTH}
      hint={`At least ${MIN_LENGTH} characters.${hint && ` ${hint}`}`} error={error}
    />
  );
}
