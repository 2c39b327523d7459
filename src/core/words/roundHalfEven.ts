/**
 * Python's round(value, digits): correct on the exact binary value, an exact tie going to the even digit. toFixed is
 * correct as well but takes the larger digit of a tie: 13/16 is 0.813 there and 0.812 in Python.
 */
export function roundHalfEven(value: number, digits: number): number {
  const rounded = Number(value.toFixed(digits)) + 0; // no negative zero: JSON has none
  // A tie at a decimal place is a multiple of 2^-(digits+1), and multiplying by a power of two loses nothing.
  const isTie = Math.abs(value * 2 ** (digits + 1)) % 2 === 1;
  if (!isTie) return rounded;
  const scale = 10 ** digits;
  const lastDigits = Math.round(rounded * scale);
  return lastDigits % 2 === 0 ? rounded : (lastDigits - Math.sign(value)) / scale;
}
