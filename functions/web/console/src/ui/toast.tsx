import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

const SHOWN_MS = 8_000;

interface Message {
  text: string;
  undo?: () => void;
}

const message = signal<Message | null>(null);

/** Say that something was done, with a way back where there is one. */
export function toast(text: string, undo?: () => void): void {
  message.value = { text, undo };
}

/** Take back what the last message spoke of; false where there is nothing. */
export function undoLast(): boolean {
  const undo = message.value?.undo;
  message.value = null;
  undo?.();
  return Boolean(undo);
}

/** Where messages appear; they stay while somebody points at them. */
export function Toasts() {
  const element = useRef<HTMLDivElement>(null);
  const shown = message.value;
  useEffect(() => {
    if (!shown) return;
    const timer = setInterval(() => {
      if (!element.current?.matches(":hover, :focus-within") && message.value === shown) message.value = null;
    }, SHOWN_MS);
    return () => clearInterval(timer);
  }, [shown]);
  return (
    <div class="toasts" role="status" ref={element}>
      {shown && (
        <div class="toast">
          <span>{shown.text}</span>
          {shown.undo && <button type="button" onClick={undoLast}>Undo</button>}
        </div>
      )}
    </div>
  );
}
