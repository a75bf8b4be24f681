/** Days, hours and sizes as a person reads them: the same words as Hearth's, by plain `Date`. */

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January", "February", "March", "April", "May", "June",
  "July", "August", "September", "October", "November", "December",
];
const DAY_MS = 86_400_000;

const age = (when, now) => {
  const midnight = (date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((midnight(now) - midnight(when)) / DAY_MS);
};

/** Hours and minutes. */
export const clock = (when) => when.toTimeString().slice(0, 5);

/** The heading under which the list puts a day. */
export function spanLabel(when, now) {
  const days = age(when, now);
  if (days <= 0) return "Today";
  if (days === 1) return "Yesterday";
  if (days < 7) return "Previous 7 days";
  if (days < 30) return "Previous 30 days";
  const month = MONTHS[when.getMonth()];
  return when.getFullYear() === now.getFullYear() ? month : `${month} ${when.getFullYear()}`;
}

/** The heading between the messages of two days. */
export function dayLabel(when, now) {
  const days = age(when, now);
  if (days <= 0) return "Today";
  if (days === 1) return "Yesterday";
  const year = when.getFullYear() === now.getFullYear() ? "" : ` ${when.getFullYear()}`;
  return `${DAYS[when.getDay()]}, ${when.getDate()} ${MONTHS[when.getMonth()]}${year}`;
}

/** The time at the end of a line of the list. */
export function shortTime(when, now) {
  const days = age(when, now);
  if (days <= 0) return clock(when);
  if (days < 7) return DAYS[when.getDay()].slice(0, 3);
  return `${when.getDate()} ${MONTHS[when.getMonth()].slice(0, 3)}`;
}

/** A size in bytes. */
export function sizeText(size) {
  if (typeof size !== "number" || !(size >= 0)) return "";
  if (size < 1000) return `${size} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let amount = size / 1000, unit = 0;
  for (; amount >= 999.5 && unit < 3; unit += 1) amount /= 1000;
  return `${amount < 9.95 ? amount.toFixed(1) : amount.toFixed(0)} ${units[unit]}`;
}

const CONTROLS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}]/gu;

/** Text fit for one line: white space folded, control characters out, cut at a limit. */
export function oneLine(text, limit = 200) {
  const folded = text.slice(0, 8 * limit).replace(/\s+/g, " ").replace(CONTROLS, "").trim();
  return folded.length <= limit ? folded : `${folded.slice(0, limit - 1).trimEnd()}…`;
}
