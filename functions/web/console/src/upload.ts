/** Uploads, straight to the object storage: how far they are, and ending them. */
import { signal, type Signal } from "@preact/signals";
import { ApiError } from "./api/problem";

export interface Upload {
  readonly sent: Signal<number>;
  readonly size: number;
  readonly done: Promise<void>;
  cancel(): void;
}

export interface Link {
  method?: string;
  url: string;
  headers: Record<string, unknown>;
}

export function upload(file: File, link: Link): Upload {
  const sent = signal(0);
  const request = new XMLHttpRequest(); // fetch tells nobody how much was sent
  const done = new Promise<void>((resolve, reject) => {
    request.upload.addEventListener("progress", (event) => {
      sent.value = event.loaded;
    });
    request.addEventListener("load", () => {
      if (request.status < 300) resolve();
      else reject(new ApiError(request.status, { title: "The upload was refused", detail: "Its link is good for a while only. Try again." }));
    });
    request.addEventListener("error", () => reject(new ApiError(0, { title: "The upload was interrupted" })));
    request.addEventListener("abort", () => reject(new DOMException("Cancelled", "AbortError")));
  });
  request.open(link.method ?? "PUT", link.url);
  for (const [name, value] of Object.entries(link.headers)) request.setRequestHeader(name, String(value));
  request.send(file);
  return { sent, size: file.size, done, cancel: () => request.abort() };
}
