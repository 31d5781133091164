// Buttons above a text field that write Markdown. Without scripts they stay hidden, and the field is the same.
"use strict";
(() => {
  const around = (text, words, mark) => ({ text: `${mark}${text || words}${mark}`, from: mark.length, to: mark.length + (text || words).length });
  const lines = (text, begin) => (text || "").split("\n").map((line) => begin + line).join("\n");
  const ACTS = {
    bold: (text, words) => around(text, words, "**"),
    italic: (text, words) => around(text, words, "*"),
    heading: (text) => ({ text: lines(text, "## "), whole: true }),
    list: (text) => ({ text: lines(text, "- "), whole: true }),
    link: (text, words) => ({ text: `[${text || words}](https://)`, from: (text || words).length + 3, to: (text || words).length + 11 }),
    table: (text, words) => ({ text: `\n| ${words} | ${words} |\n|---|---|\n| ${text.replaceAll("\n", " ")} |  |\n`, from: 3, to: 3 + words.length }),
  };
  const KEYS = { b: "bold", i: "italic", k: "link" };

  function act(field, button) {
    const make = ACTS[button.dataset.markdownAct];
    let { selectionStart: start, selectionEnd: end, value } = field;
    const made = make(value.slice(start, end), button.dataset.words);
    if (made.whole) { // from the beginning of the first line to the end of the last one
      start = value.lastIndexOf("\n", start - 1) + 1;
      if (value.indexOf("\n", end) >= 0) end = value.indexOf("\n", end); else end = value.length;
      made.text = make(value.slice(start, end), "").text;
    }
    field.focus();
    field.setSelectionRange(start, end);
    // the browser's own command keeps "undo"; where it has none, the text is set
    if (!document.execCommand("insertText", false, made.text)) {
      field.setRangeText(made.text, start, end, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    const last = start + made.text.length;
    field.setSelectionRange(made.whole ? last : start + made.from, made.whole ? last : start + made.to);
  }

  for (const bar of document.querySelectorAll("[data-markdown-for]")) {
    const field = document.getElementById(bar.dataset.markdownFor);
    bar.hidden = false;
    bar.addEventListener("click", (event) => {
      const button = event.target.closest("[data-markdown-act]");
      if (button) act(field, button);
    });
    field.addEventListener("keydown", (event) => {
      const name = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && KEYS[event.key];
      if (!name) return;
      event.preventDefault();
      act(field, bar.querySelector(`[data-markdown-act="${name}"]`));
    });
  }
})();
