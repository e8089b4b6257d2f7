import { Monitor, Moon, Sun } from "lucide-react";
import { useTheme } from "~/hooks/useTheme";
import { Mark } from "~/ui/Mark";
import { PageHeader } from "~/ui/PageHeader";
import { Segments } from "~/ui/Segments";
import { Actions } from "./Actions";
import { Fields } from "./Fields";
import { Figures } from "./Figures";
import css from "./Gallery.module.css";
import { Lists } from "./Lists";
import { Overlays } from "./Overlays";
import { Words } from "./Words";

const themes = [
  { value: "light", label: "Light", icon: Sun },
  { value: "dark", label: "Dark", icon: Moon },
  { value: "system", label: "System", icon: Monitor },
] as const;

/** Each building block of src/ui in each of its states. */
export function Gallery() {
  const [theme, chooseTheme] = useTheme();
  return (
    <main className={css.gallery}>
      <PageHeader
        before={<Mark size={36} />}
        title="Building blocks"
        lead="What src/ui has, in every state."
        actions={<Segments label="Theme" value={theme} onChange={chooseTheme} options={themes} />}
      />
      <Actions />
      <Fields />
      <Words />
      <Lists />
      <Figures />
      <Overlays />
    </main>
  );
}
