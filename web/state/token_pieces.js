// @ts-check
// A text cut along its tokens. A token may stop inside a character, and a tokenizer may forget blanks: the text is what
// the tokens mean together, and the pieces always join to exactly this text.

/**
 * @param {string} text what the tokens complete
 * @param {readonly { text: string }[]} tokens as they look each by itself
 * @returns {string[]} a piece for every token; empty where its characters come with a later one
 */
export function pieces(text, tokens) {
  const cut = tokens.map(() => "");
  let begin = 0;
  tokens.forEach((token, i) => {
    const at = token.text ? text.indexOf(token.text, begin) : -1;
    // Further ahead than what may lie between, it is another token's text that looks alike.
    if (at < 0 || at - begin > GAP) return;
    // What lies between belongs to the broken character before, else to this token.
    const open = i > 0 && cut[i - 1] === "" ? i - 1 : i;
    cut[open] += text.slice(begin, at);
    cut[i] += text.slice(at, at + token.text.length);
    begin = at + token.text.length;
  });
  if (cut.length > 0) cut[cut.length - 1] += text.slice(begin);
  return cut;
}
// A character broken into tokens, or a blank between words.
const GAP = 4;
