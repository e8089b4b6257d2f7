import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import type { AuditEntry } from "~/api/types";
import { exactTime } from "~/ui/format";
import { RelativeTime } from "~/ui/RelativeTime";
import css from "./AuditLog.module.css";
import { type Change, changesIn } from "./changes";
import { actionWords } from "./words";

const viaWords: Record<string, string> = {
  token: "by an API token",
  door: "at the door",
  platform: "by a policy",
};

/** Who did it, where it was nobody with an account. */
function nobody(via: AuditEntry["via"]) {
  return via === "command_line" ? "Somebody at the server" : "The platform";
}

interface AuditEntryLineProps {
  entry: AuditEntry;
  /** Only what this user did. */
  onUser(id: string): void;
}

export function AuditEntryLine({ entry, onUser }: AuditEntryLineProps) {
  const { user } = entry;
  const actor = user ? (user.username ?? "Somebody who was removed") : nobody(entry.via);
  return (
    <li>
      <details className={css.entry}>
        <summary className={css.summary}>
          <ChevronRight className={css.chevron} aria-hidden />
          <span className={css.sentence}>
            <strong>{actor}</strong> {actionWords(entry.action)}{" "}
            {entry.target_name && <strong>{entry.target_name}</strong>}
          </span>
          <span className={css.when}>
            <RelativeTime at={entry.at} />
          </span>
        </summary>
        <div className={css.detail}>
          <dl className={css.facts}>
            <Fact name="When">{exactTime(entry.at)}</Fact>
            <Fact name="Who">
              {user ? (
                <>
                  {actor} {viaWords[entry.via]}{" "}
                  <button type="button" className={css.only} onClick={() => onUser(user.id)}>
                    Only theirs
                  </button>
                </>
              ) : (
                nobody(entry.via)
              )}
            </Fact>
            {entry.address && (
              <Fact name="From">
                <code>{entry.address}</code>
              </Fact>
            )}
            <Fact name="Action">
              <code>{entry.action}</code>
            </Fact>
            <Fact name="Target">
              <code>{entry.target}</code>
            </Fact>
          </dl>
          <Changes changes={changesIn(entry.detail)} />
        </div>
      </details>
    </li>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={css.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Changes({ changes }: { changes: readonly Change[] }) {
  if (changes.length === 0) return null;
  return (
    <table className={css.changes}>
      <thead>
        <tr>
          <th scope="col">What</th>
          <th scope="col">Before</th>
          <th scope="col">After</th>
        </tr>
      </thead>
      <tbody>
        {changes.map(({ name, before, after }) => (
          <tr key={name}>
            <th scope="row">
              <code>{name}</code>
            </th>
            <td>{before === null ? <Nothing /> : <del className={css.before}>{before}</del>}</td>
            <td>{after === null ? <Nothing /> : <ins className={css.after}>{after}</ins>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Nothing() {
  return <span className={css.nothing}>nothing</span>;
}
