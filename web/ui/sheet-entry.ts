/** Whether the history entry that stands is that of this sheet: after a reload its page opens it again. */
export const isSheetOnTop = (name: string): boolean => history.state?.sheet === name
