/** The mark of Fairlead. */
export function Mark() {
  return (
    <svg class="mark" width="22" height="22" viewBox="0 0 22 22" aria-hidden="true">
      <circle cx="11" cy="11" r="6.5" fill="none" stroke="currentColor" stroke-width="3" />
      <path
        d="M1 15.5C6 15.5 7 11 11 11s5-4.5 10-4.5"
        fill="none"
        stroke="var(--surface)"
        stroke-width="4.6"
      />
      <path d="M1 15.5C6 15.5 7 11 11 11s5-4.5 10-4.5" fill="none" stroke="var(--accent)" stroke-width="2" />
    </svg>
  );
}
