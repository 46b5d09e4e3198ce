import page from "../parts/page.module.css";

export interface LifetimeProps {
  readonly days: number;
  /** Days that are offered; 0: until it is revoked. */
  readonly offered: readonly number[];
  readonly onChange: (days: number) => void;
}

/** For how long a token is to hold. */
export function Lifetime({ days, offered, onChange }: LifetimeProps) {
  return (
    <label className={page.field}>
      It holds for
      <select className={page.input} value={days} onChange={(event) => onChange(Number(event.target.value))}>
        {offered.map((each) => (
          <option key={each} value={each}>
            {each === 0 ? "until it is revoked" : each === 1 ? "1 day" : `${each} days`}
          </option>
        ))}
      </select>
    </label>
  );
}
