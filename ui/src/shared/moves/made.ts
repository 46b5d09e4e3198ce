/** What `moves` answers: what became of each target. */
export interface Target {
  readonly stage: string;
  readonly result: string;
  readonly promotion?: string;
  readonly freight?: string;
  readonly status?: number;
  readonly error?: string;
  readonly gates?: readonly { readonly name: string; readonly reason?: string; readonly opensAt?: string | null }[];
}

export interface MovesMade {
  readonly rev: number;
  readonly kind: string;
  readonly targets: readonly Target[];
  readonly refused: number;
}
