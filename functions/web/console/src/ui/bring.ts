import { useSignal, type Signal } from "@preact/signals";
import { asApiError, type ApiError } from "~/api/problem";
import { upload, type Link, type Upload } from "~/upload";
import { toast } from "./toast";

interface Steps {
  /** Ask for a place to send the file to. */
  make: (file: File) => Promise<{ id: number; upload: Link }>;
  /** Have it read, once it is there. */
  start: (id: number) => Promise<unknown>;
  /** Take back what was asked for, of a file that did not come. */
  discard: (id: number) => Promise<unknown>;
  reload: () => Promise<unknown>;
  /** What to say when it is being read. */
  said: string;
}

interface Bring {
  running: Signal<Upload | null>;
  error: Signal<ApiError | null>;
  bring: (file: File) => Promise<void>;
}

/** Bring a file: straight to the object storage, with progress, and away with it when cancelled. */
export function useBring({ make, start, discard, reload, said }: Steps): Bring {
  const running = useSignal<Upload | null>(null);
  const error = useSignal<ApiError | null>(null);
  const bring = async (file: File) => {
    error.value = null;
    let id: number | null = null;
    try {
      const made = await make(file);
      id = made.id;
      running.value = upload(file, made.upload);
      await running.value.done;
      await start(id);
      toast(said);
    } catch (thrown) {
      if (thrown instanceof DOMException && id !== null) {
        await discard(id).catch(() => undefined);
        toast("Cancelled. Nothing was read.");
      } else {
        error.value = asApiError(thrown);
      }
    } finally {
      running.value = null;
      await reload();
    }
  };
  return { running, error, bring };
}
