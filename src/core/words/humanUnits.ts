/** Quantities in the words a person reads. */

export function humanKb(kb: number): string {
  if (kb < 1024) return `${Math.round(kb)} KiB`;
  const mib = kb / 1024;
  if (mib < 1024) return `${mib < 10 ? mib.toFixed(1) : Math.round(mib)} MiB`;
  return `${(mib / 1024).toFixed(1)} GiB`;
}

export function humanBytes(bytes: number): string {
  return bytes < 1024 ? `${bytes} B` : humanKb(bytes / 1024);
}

/** `0.4 s`, `12 s`, `3 min 5 s`, `2 h 14 min`, `3 d 4 h`. */
export function humanSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3600)} h`;
}
