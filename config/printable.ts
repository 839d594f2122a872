/** Control characters, and those that change the direction or the lines of a text: they would repaint the terminal that shows it. */
// oxlint-disable-next-line no-control-regex -- they are what is being removed
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]+/g;

/** Text that somebody else wrote, as one line that is safe to show. */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, " ");
}
