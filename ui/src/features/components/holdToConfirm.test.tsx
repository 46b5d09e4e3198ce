import { act, fireEvent, render } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";
import { HELD_FOR, HoldToConfirm } from "@/shared/parts/HoldToConfirm.tsx";
import { ServicesProvider } from "@/shared/services.ts";
import { FakeClock } from "@/shared/time/fakeClock.ts";
import { standIn } from "./standIn.ts";

// No pointer is captured where nothing is laid out.
beforeEach(() => {
  HTMLElement.prototype.hasPointerCapture = () => false;
});

/** Where no pointer is, the event of a mouse has its buttons. */
function press(button: Element, which = 0): void {
  fireEvent(button, new MouseEvent("pointerdown", { bubbles: true, button: which }));
}

function shown(isOff = false) {
  const clock = new FakeClock();
  const confirm = vi.fn();
  const draw = (off: boolean) => (
    <ServicesProvider value={{ ...standIn({}), clock }}>
      <HoldToConfirm label="Promote to prod" isOff={off} onConfirm={confirm} />
    </ServicesProvider>
  );
  const { container, rerender } = render(draw(isOff));
  const button = container.querySelector("button")!;
  return { button, confirm, pass: (milliseconds: number) => act(() => clock.pass(milliseconds)), turnOff: () => rerender(draw(true)) };
}

it("confirms once it was held for long enough, and once only", async () => {
  const { button, confirm, pass } = shown();
  press(button);
  expect(button.dataset.hold).toBe("held");
  await pass(HELD_FOR - 1);
  expect(confirm).not.toHaveBeenCalled();
  await pass(1);
  fireEvent.pointerUp(button);
  await pass(10 * HELD_FOR);
  expect(confirm).toHaveBeenCalledTimes(1);
});

it.each(["pointerUp", "pointerLeave", "pointerCancel"] as const)("is taken back by %s", async (event) => {
  const { button, confirm, pass } = shown();
  press(button);
  expect(button.dataset.hold).toBe("held");
  await pass(HELD_FOR - 1);
  fireEvent[event](button);
  await pass(10 * HELD_FOR);
  expect(confirm).not.toHaveBeenCalled();
});

it("does nothing when it is clicked, with another button, or turned off meanwhile", async () => {
  const { button, confirm, pass, turnOff } = shown();
  fireEvent.click(button);
  press(button, 2);
  expect(button.dataset.hold).toBe("idle");
  await pass(10 * HELD_FOR);
  press(button);
  turnOff();
  await pass(10 * HELD_FOR);
  expect(confirm).not.toHaveBeenCalled();
});
