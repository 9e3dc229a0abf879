import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { Icon } from "./icon";

interface Props {
  label: string;
  name: string;
  hint?: ComponentChildren;
  error?: string | null;
  type?: "text" | "email" | "password" | "url" | "number" | "date";
  autocomplete?: string;
  required?: boolean;
  minLength?: number;
  maxLength?: number;
  value?: string;
  defaultValue?: string;
  placeholder?: string;
  onInput?: (value: string) => void;
}

/** A text field with its name, what is expected, and what is wrong with it. */
export function Field({ label, hint, error, type = "text", onInput, ...input }: Props) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        // The types forbid a union of kinds, which the element takes.
        type={type as "text"}
        aria-invalid={error ? true : undefined}
        aria-describedby={described || undefined}
        onInput={onInput && ((event) => onInput(event.currentTarget.value))}
        {...input}
      />
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
      {error && (
        <p class="error" id={`${id}-error`}>
          <Icon name="warn" />
          <span>{error}</span>
        </p>
      )}
    </div>
  );
}

/** The filter of a list; `/` goes to it. */
export function Filter({ label, value, onInput }: { label: string; value: string; onInput: (value: string) => void }) {
  return (
    <div class="filter">
      <Icon name="search" />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        value={value}
        data-filter
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => onInput(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          if (value) onInput("");
          else event.currentTarget.blur();
          event.stopPropagation();
        }}
      />
      <kbd class="keys-only" aria-hidden="true">/</kbd>
    </div>
  );
}

interface Choice<T extends string> {
  value: T;
  label: string;
  count?: number;
}

/** One of a few: buttons in a row of which one is pressed. */
export function Segments<T extends string>(props: {
  label: string;
  choices: Choice<T>[];
  value: T;
  onChange: (value: T) => void;
}) {
  return (
    <div class="segments" role="group" aria-label={props.label}>
      {props.choices.map(({ value, label, count }) => (
        <button type="button" key={value} aria-pressed={value === props.value} onClick={() => props.onChange(value)}>
          {label}
          {count !== undefined && <span>{count.toLocaleString()}</span>}
        </button>
      ))}
    </div>
  );
}
