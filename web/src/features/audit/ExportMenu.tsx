import { Menu } from "@base-ui/react/menu";
import { useMutation } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { type AuditScope, type ExportFormat, exportAudit, exportFormats } from "~/api/audit";
import type { AuditFilter } from "~/api/types";
import { Button } from "~/ui/Button";
import menu from "~/ui/Menu.module.css";
import { saveFile } from "~/ui/saveFile";
import { useToast } from "~/ui/Toasts";

const formats = Object.keys(exportFormats) as ExportFormat[];

/** What the filter lets through, all of it, as a file. */
export function ExportMenu({ scope, filter }: { scope: AuditScope; filter: AuditFilter }) {
  const toast = useToast();
  const save = useMutation({
    mutationFn: async (format: ExportFormat) => {
      const content = await exportAudit(scope, filter, format);
      const day = new Date().toISOString().slice(0, 10);
      saveFile(`audit-${scope.kind === "org" ? scope.org : "platform"}-${day}.${format}`, content);
    },
    onError: (error) => toast.fail("Not exported", error),
  });
  return (
    <Menu.Root>
      <Menu.Trigger
        render={
          <Button icon={Download} busy={save.isPending}>
            Export
          </Button>
        }
      />
      <Menu.Portal>
        <Menu.Positioner
          align="end"
          sideOffset={4}
          collisionPadding={8}
          positionMethod="fixed"
          className={menu.positioner}
        >
          <Menu.Popup className={menu.popup}>
            {formats.map((format) => (
              <Menu.Item key={format} className={menu.item} onClick={() => save.mutate(format)}>
                {exportFormats[format].label}
              </Menu.Item>
            ))}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
