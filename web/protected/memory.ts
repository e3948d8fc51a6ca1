/** The little that stays on this phone: switches, and a call for help that is on its way. Never a position, never a name. */

export function kept(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Some browsers keep nothing; then what was kept lives as long as the page. */
export function keep(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Nothing can be kept here, and nothing depends on it while the page is open.
  }
}
