import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Circle } from "lucide-react";
import { useState } from "react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Palette, type PaletteItem } from "./Palette";

const items: PaletteItem[] = [
  { id: "start", label: "Start shop", icon: Circle, refusal: "It is running." },
  { id: "stop", label: "Stop shop", icon: Circle },
];

function Example({ onChoose, onClose }: { onChoose(item: PaletteItem): void; onClose(): void }) {
  const [query, setQuery] = useState("");
  const found = items.filter(({ label }) => label.toLowerCase().includes(query));
  return (
    <Palette
      label="Commands"
      placeholder=""
      query={query}
      onQuery={setQuery}
      groups={found.length > 0 ? [{ label: "This workspace", items: found }] : []}
      onChoose={onChoose}
      onClose={onClose}
      busy={false}
      empty="Nothing is called so."
    />
  );
}

describe("Palette", () => {
  afterEach(cleanup);

  async function open() {
    const onChoose = vi.fn();
    const onClose = vi.fn();
    render(<Example onChoose={onChoose} onClose={onClose} />);
    return { user: userEvent.setup(), field: await screen.findByRole("combobox"), onChoose, onClose };
  }

  it("does what Enter is pressed on", async () => {
    const { user, field, onChoose } = await open();
    await user.type(field, "stop{Enter}");
    expect(onChoose).toHaveBeenCalledExactlyOnceWith(items[1]);
  });

  it("moves with the arrows", async () => {
    const { user, field, onChoose } = await open();
    await user.type(field, "s{ArrowDown}{Enter}");
    expect(onChoose).toHaveBeenCalledExactlyOnceWith(items[1]);
  });

  it("says why not, and keeps what was typed", async () => {
    const { user, field, onChoose } = await open();
    await user.type(field, "start{Enter}");
    expect(onChoose).not.toHaveBeenCalled();
    expect(screen.getByRole("status").textContent).toBe("Start shop: It is running.");
    expect((field as HTMLInputElement).value).toBe("start");
    expect(screen.getByRole("option", { name: /Start shop/ }).getAttribute("aria-disabled")).toBe("true");
  });

  it("says that nothing is found, and closes with Escape", async () => {
    const { user, field, onClose } = await open();
    await user.type(field, "zzz");
    expect(screen.getByText("Nothing is called so.")).toBeTruthy();
    expect(screen.getByRole("status").textContent).toBe("Nothing found");
    await user.keyboard("{Escape}");
    expect(onClose).toHaveBeenCalled();
  });
});
