/** What shows nothing: spaces, ends of lines, and what is invisible, such as U+200B. */
const BLANK = /^[\s\p{Cc}\p{Default_Ignorable_Code_Point}\u2800]*$/u;

/** Whether somebody who reads a text sees nothing. @param {string} text */
export const isBlank = (text) => BLANK.test(text);
