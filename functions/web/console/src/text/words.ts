/** Numbers with their nouns, sizes and scores, as people say them. */

/** "1 track", "2,316 tracks". */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

/** A match's score, words first: "Very likely, 88 of 100". */
export function likelihood(score: number | null | undefined): string {
  if (score == null) return "";
  const word = score >= 80 ? "Very likely" : score >= 40 ? "Possible" : "Unlikely";
  return `${word}, ${Math.round(score)} of 100`;
}

/** 1,536 bytes are "1.5 kB". */
export function size(bytes: number): string {
  const units = ["B", "kB", "MB", "GB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** The first letters of somebody's names. */
export function initials(name: string): string {
  const parts = name.trim().split(/\s+/u).filter(Boolean);
  const letters = parts.length > 1 ? [parts[0]!, parts.at(-1)!] : parts;
  return letters.map((part) => [...part][0] ?? "").join("").toUpperCase();
}

/** "a", "a and b", "a, b and c". */
export function list(parts: string[]): string {
  if (parts.length < 2) return parts.join("");
  return `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}
