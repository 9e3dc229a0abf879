/** Passkeys: what the browser is asked, and in words why it may not be able to. */
import type { Schemas } from "./api/client";

type Options = Schemas["PasskeyOptions"]["options"];

/** Why this browser, at this address, has no passkeys; null where it has. */
export function whyNot(): string | null {
  if (!("PublicKeyCredential" in window) || !PublicKeyCredential.parseCreationOptionsFromJSON) return "This browser has no passkeys.";
  // A passkey belongs to a name; browsers make none for a number.
  if (/^[\d.]+$|^\[/.test(location.hostname)) {
    return `Passkeys need a name in the address of this page, not a number${location.hostname.startsWith("127.") ? ": open it as localhost" : ""}.`;
  }
  return null;
}

/** Have the browser make one; null where the person did not go through with it. */
export async function makePasskey(options: Options): Promise<Record<string, unknown> | null> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as unknown as PublicKeyCredentialCreationOptionsJSON);
  return asked(() => navigator.credentials.create({ publicKey }));
}

/** Have the browser sign with one; null where the person did not go through with it. */
export async function usePasskey(options: Options): Promise<Record<string, unknown> | null> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as unknown as PublicKeyCredentialRequestOptionsJSON);
  return asked(() => navigator.credentials.get({ publicKey }));
}

async function asked(ask: () => Promise<Credential | null>): Promise<Record<string, unknown> | null> {
  try {
    const made = (await ask()) as PublicKeyCredential | null;
    return (made?.toJSON() as Record<string, unknown> | undefined) ?? null;
  } catch (error) {
    if (error instanceof DOMException && (error.name === "NotAllowedError" || error.name === "AbortError")) return null;
    throw error;
  }
}
