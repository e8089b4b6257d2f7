import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { domainQueries, useAddDomain, useRemoveDomain, useVerifyDomain } from "~/api/domains";
import type { Route, RouteDomain } from "~/api/types";
import { Loaded } from "~/features/Loaded";
import { fieldProblem, Refused } from "~/features/Refused";
import { useIdempotencyKey } from "~/hooks/useIdempotencyKey";
import { Button } from "~/ui/Button";
import { ConfirmDialog } from "~/ui/ConfirmDialog";
import { CopyField } from "~/ui/CopyField";
import { Dialog } from "~/ui/Dialog";
import { TextField } from "~/ui/Field";
import { Notice } from "~/ui/Notice";
import { RelativeTime } from "~/ui/RelativeTime";
import { Status } from "~/ui/Status";
import css from "./DomainsDialog.module.css";
import { domainStatus, hostIn } from "./domains";

interface DomainsDialogProps {
  workspaceId: string;
  route: Route;
  /** Why this person may only look. */
  refusal: string | undefined;
  onClose(): void;
}

/** Names that people bring along: what leads here, what still has to be shown, and how. */
export function DomainsDialog({ workspaceId, route, refusal, onClose }: DomainsDialogProps) {
  const of = { workspaceId, rid: route.id };
  const query = useQuery(domainQueries.ofRoute(of));
  const add = useAddDomain(of);
  const keyFor = useIdempotencyKey();
  const [text, setText] = useState("");
  const [leaving, setLeaving] = useState<RouteDomain | null>(null);
  const host = hostIn(text);

  function submit() {
    if (refusal || !host || add.isPending) return;
    add.mutate({ host, idempotencyKey: keyFor(host) }, { onSuccess: () => setText("") });
  }
  if (leaving) return <RemoveDialog of={of} domain={leaving} onClose={() => setLeaving(null)} />;
  return (
    <Dialog
      open
      onClose={onClose}
      title="Custom domains"
      onSubmit={submit}
      cancel="Close"
      confirm={
        <Button
          type="submit"
          look="primary"
          busy={add.isPending}
          refusal={refusal ?? (host ? undefined : "Type a domain first.")}
        >
          Add domain
        </Button>
      }
    >
      <p>
        Names of your own that lead to <code className={css.host}>{route.host}</code>.
      </p>
      <Loaded query={query}>
        {({ items }) =>
          items.length > 0 && (
            <ul className={css.list} aria-label="Custom domains">
              {items.map((domain) => (
                <DomainItem
                  key={domain.id}
                  of={of}
                  domain={domain}
                  target={route.host}
                  refusal={refusal}
                  onRemove={() => setLeaving(domain)}
                />
              ))}
            </ul>
          )
        }
      </Loaded>
      <Refused title="Not added" error={add.error} fields={["host"]} />
      <TextField
        label="Domain"
        name="host"
        mono
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        placeholder="shop.example.com"
        disabled={Boolean(refusal)}
        value={text}
        onValueChange={setText}
        problem={fieldProblem(add.error, "host")}
      />
    </Dialog>
  );
}

interface Of {
  workspaceId: string;
  rid: string;
}

interface DomainItemProps {
  of: Of;
  domain: RouteDomain;
  target: string;
  refusal: string | undefined;
  onRemove(): void;
}

function DomainItem({ of, domain, target, refusal, onRemove }: DomainItemProps) {
  const verify = useVerifyDomain(of);
  const pending = domain.status === "pending";
  return (
    <li className={css.domain}>
      <div className={css.head}>
        {pending ? (
          <code className={css.host}>{domain.host}</code>
        ) : (
          <a className={css.host} href={domain.url} target="_blank" rel="noreferrer">
            {domain.host}
          </a>
        )}
        <Status {...domainStatus[domain.status]} />
      </div>
      {pending ? (
        <>
          {domain.failure && (
            <Notice tone="warn">
              <p className={css.failure}>{domain.failure}</p>
            </Notice>
          )}
          <Proof domain={domain} />
        </>
      ) : (
        <CopyField
          label={`CNAME of ${domain.host}`}
          text={target}
          hint="At your DNS provider; where there can be no CNAME, the addresses of this name"
        />
      )}
      <Refused title="Not checked" error={verify.error} />
      <div className={css.actions}>
        {pending && (
          <span className={css.checked}>
            {domain.checked_at && (
              <>
                Checked <RelativeTime at={domain.checked_at} />
              </>
            )}
          </span>
        )}
        <Button size="s" refusal={refusal} aria-label={`Remove ${domain.host}`} onClick={onRemove}>
          Remove
        </Button>
        {pending && (
          <Button
            size="s"
            refusal={refusal}
            busy={verify.isPending}
            aria-label={`Check ${domain.host} now`}
            onClick={() => verify.mutate(domain.id)}
          >
            Check now
          </Button>
        )}
      </div>
    </li>
  );
}

/** Either is enough. */
function Proof({ domain }: { domain: RouteDomain }) {
  const { txt, http } = domain.proof;
  return (
    <>
      <p>Show that the domain is yours, with a TXT record at your DNS provider:</p>
      <CopyField label="Name of the TXT record" text={txt.name} />
      <CopyField label="Its value" text={txt.value} />
      <details className={css.other}>
        <summary>Or with a file on its web server</summary>
        <div className={css.page}>
          <CopyField label="Address of the file" text={http.url} />
          <CopyField label="Its content" text={http.content} hint="This text alone" />
        </div>
      </details>
    </>
  );
}

function RemoveDialog({ of, domain, onClose }: { of: Of; domain: RouteDomain; onClose(): void }) {
  const remove = useRemoveDomain(of);
  return (
    <ConfirmDialog
      title={`Remove ${domain.host}?`}
      verb="Remove domain"
      busy={remove.isPending}
      onClose={onClose}
      onConfirm={() => remove.mutate(domain.id, { onSuccess: onClose })}
    >
      <p>
        {domain.status === "verified"
          ? "It leads here no more, at once. To bring it back it has to be verified anew."
          : "Its record is worth nothing afterwards."}
      </p>
      <Refused title="Not removed" error={remove.error} />
    </ConfirmDialog>
  );
}
