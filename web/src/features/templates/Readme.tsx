import Markdown from "react-markdown";
import css from "./Readme.module.css";

/** A template's own words. Raw HTML in them is shown as text; links leave in a tab of their own. */
export function Readme({ text }: { text: string }) {
  return (
    <div className={css.readme}>
      <Markdown
        components={{
          // A page has one h1, and it is not the template's.
          h1: "h3",
          h2: "h3",
          h3: "h4",
          img: () => null,
          a: ({ href, children }) => (
            <a href={href} target="_blank" rel="noreferrer">
              {children}
            </a>
          ),
        }}
      >
        {text}
      </Markdown>
    </div>
  );
}
