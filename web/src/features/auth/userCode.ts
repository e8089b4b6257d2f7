const HALF = 4;

/** As it is shown on the device, however it was typed: upper case, a hyphen in the middle. */
export function userCode(typed: string): string {
  const plain = typed.toUpperCase().replace(/[^A-Z0-9]/g, "");
  return plain.length > HALF ? `${plain.slice(0, HALF)}-${plain.slice(HALF, 2 * HALF)}` : plain;
}

export function isWholeUserCode(code: string): boolean {
  return code.length === 2 * HALF + 1;
}
