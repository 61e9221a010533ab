/**
 * What a catalogue of words needs of its language.
 *
 * @param {string} language
 */
export function grammar(language) {
  const rules = new Intl.PluralRules(language);
  const numbers = new Intl.NumberFormat(language);
  const both = new Intl.ListFormat(language, { type: 'conjunction' });
  const number = (/** @type {number} */ count) => numbers.format(count);
  return {
    number,
    /**
     * What is said of so many, by the rules of the language. `{n}` stands for the number.
     *
     * @param {number} count
     * @param {Partial<Record<Intl.LDMLPluralRule, string>> & {other: string}} forms
     */
    plural: (count, forms) => (forms[rules.select(count)] ?? forms.other).replace('{n}', number(count)),
    /** @param {Iterable<string>} parts */
    list: (parts) => both.format(parts),
    /** @param {string} text */
    capital: (text) => text.charAt(0).toLocaleUpperCase(language) + text.slice(1),
  };
}
