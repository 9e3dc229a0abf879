/** A list of many rows of which only those in sight are in the page. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

const OVERSCAN = 6;

interface Props<T> {
  label: string;
  items: readonly T[];
  /** How many there are in all, where not all have been read yet. */
  total?: number;
  keyOf: (item: T, at: number) => string | number;
  row: (item: T, at: number) => ComponentChildren;
  /** Called when the end of what was read comes into sight. */
  onEnd?: () => void;
  /** Which row to bring into sight. */
  current?: number;
  class?: string;
}

/** Rows of one height: 44 px, 56 on a phone (`--row`). */
export function VirtualList<T>({ label, items, total, keyOf, row, onEnd, current, class: more }: Props<T>) {
  const box = useRef<HTMLDivElement>(null);
  const height = useSignal(44);
  const range = useSignal({ from: 0, to: 30 });

  const measure = () => {
    const element = box.current;
    if (!element) return;
    height.value = Number.parseFloat(getComputedStyle(element).getPropertyValue("--row")) * rem() || 44;
    const from = Math.max(0, Math.floor(element.scrollTop / height.value) - OVERSCAN);
    const to = Math.ceil((element.scrollTop + element.clientHeight) / height.value) + OVERSCAN;
    if (from !== range.value.from || to !== range.value.to) range.value = { from, to };
  };

  useLayoutEffect(measure, [items.length]);
  useEffect(() => {
    let frame = 0;
    const later = () => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        measure();
      });
    };
    const element = box.current;
    element?.addEventListener("scroll", later, { passive: true });
    addEventListener("resize", later);
    return () => {
      cancelAnimationFrame(frame);
      element?.removeEventListener("scroll", later);
      removeEventListener("resize", later);
    };
  }, []);
  useEffect(() => {
    const element = box.current;
    if (!element || current === undefined) return;
    const top = current * height.value;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + height.value > element.scrollTop + element.clientHeight) {
      element.scrollTop = top + height.value - element.clientHeight;
    }
  }, [current]);

  const { from } = range.value;
  const to = Math.min(range.value.to, items.length);
  useEffect(() => {
    if (range.value.to >= items.length) onEnd?.();
  }, [range.value.to, items.length]);

  const all = Math.max(total ?? 0, items.length);
  const visible = Math.min(all, 14) * height.value;
  return (
    <div
      class={more ? `virtual ${more}` : "virtual"}
      role="list"
      aria-label={label}
      tabIndex={0}
      ref={box}
      style={{ height: `${visible}px` }}
    >
      <div class="sizer" role="presentation" style={{ height: `${items.length * height.value}px` }}>
        {items.slice(from, to).map((item, index) => {
          const at = from + index;
          return (
            <div
              class="item"
              role="listitem"
              key={keyOf(item, at)}
              aria-posinset={at + 1}
              aria-setsize={all}
              style={{ top: `${at * height.value}px` }}
            >
              {row(item, at)}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function rem(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
}
