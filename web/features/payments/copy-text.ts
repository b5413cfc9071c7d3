/** Puts text on the clipboard. False when the browser does not let us: then the person has to select it by hand. */
export async function copyText(text: string): Promise<boolean> {
  try {
    // Missing on pages that came over plain http from another machine, and in some apps' browsers.
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}
