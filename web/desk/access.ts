/** Who sits here and what the role allows. The server refuses everything else; a page shows no button that it would refuse. */

export type Right =
  | 'see_board'
  | 'open_position'
  | 'see_incidents'
  | 'act_on_incidents'
  | 'see_wall'
  | 'replay_incidents'
  | 'see_office'
  | 'settle_tasks'
  | 'decide_links'
  | 'invite'
  | 'act_in_two'
  | 'read_copy'
  | (string & {});

export interface Me {
  demo: boolean;
  rights: Right[];
  name: string;
  /** By what the session was begun. */
  how: 'code' | 'passkey' | 'sso';
  locked: boolean;
  /** So long nobody moves before the screen locks; 0: never. */
  lock_after_s: number;
}

/** Signed in, or what to show instead: the form for a code, a page that says that no code would help, or that nobody answers. */
export type Entry = Me | 'code' | 'no_seat' | 'offline';

export async function enter(): Promise<Entry> {
  try {
    const answer = await fetch('/api/me', { cache: 'no-store' });
    if (answer.ok) return (await answer.json()) as Me;
    if (answer.status === 403) return 'no_seat';
    return answer.status === 401 ? 'code' : 'offline';
  } catch {
    return 'offline';
  }
}
