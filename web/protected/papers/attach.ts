/** Entries of her diary as a court gets them: the entry word for word, as it was sealed, and its pictures without what hides in them. */
import type { Bytes } from './seal';
import type { Kept } from './vault.svelte';

export interface Added {
  name: string;
  about: string;
  media_type: string;
  paper: string | null;
  body: Bytes;
}

const MOST_PX = 2560;
const QUALITY = 0.9;
const TWO = 2;

/**
 * What the papers say of an exhibit, in the court's language. They are served on him: nothing of an entry stands in it but its number and
 * the time that she gave it.
 */
const ABOUT: Record<string, { entry: string; file: string; scan: string }> = {
  ko: { entry: '일기 {n}번, {when}', file: '일기 {n}번의 파일', scan: '서명한 청구서 {n}' },
  en: { entry: 'Diary, entry {n}, {when}', file: 'File of entry {n} of the diary', scan: 'Signed petition {n}' },
};

/** A picture that could not be cleaned of what the camera wrote into it. It is not passed on. */
export class NotCleanError extends Error {}

/** The picture alone, painted anew: place, time and camera that were written into the file are not in it. */
export async function painted(body: Bytes, mediaType: string): Promise<Bytes> {
  try {
    const picture = await createImageBitmap(new Blob([body], { type: mediaType }));
    const scale = Math.min(1, MOST_PX / Math.max(picture.width, picture.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext('2d')!.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const made = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', QUALITY));
    return new Uint8Array(await made!.arrayBuffer());
  } catch {
    throw new NotCleanError();
  }
}

export async function exhibitsOf(entries: Kept[], open: (paper: string) => Promise<Bytes>, language: string): Promise<Added[]> {
  const found: Added[] = [];
  const said = ABOUT[language] ?? ABOUT.en!;
  for (const { paper, entry, body } of entries) {
    const number = String(entry.n).padStart(TWO, '0');
    const about = (text: string): string => text.replace('{n}', String(entry.n)).replace('{when}', entry.when.replace('T', ' '));
    found.push({ name: `diary-${number}.json`, about: about(said.entry), media_type: 'application/json', paper: paper.name, body });
    for (const [at, file] of entry.files.entries()) {
      found.push(await filed(await open(file.paper), `diary-${number}-${at + 1}`, file.media_type, paper.name, about(said.file)));
    }
  }
  return found;
}

/** The petition that she printed and signed, as photos or scans: it goes with the filing and is kept nowhere. */
export function scansOf(files: File[], language: string): Promise<Added[]> {
  const { scan } = ABOUT[language] ?? ABOUT.en!;
  const one = async (file: File, at: number): Promise<Added> =>
    filed(new Uint8Array(await file.arrayBuffer()), `signed-${at + 1}`, file.type, null, scan.replace('{n}', String(at + 1)));
  return Promise.all(files.map(one));
}

async function filed(body: Bytes, name: string, mediaType: string, paper: string | null, about: string): Promise<Added> {
  if (mediaType.startsWith('image/')) {
    return { name: `${name}.jpg`, about, media_type: 'image/jpeg', paper, body: await painted(body, mediaType) };
  }
  const ending = mediaType.split('/')[1]?.match(/^[a-z0-9]+/)?.[0] ?? 'bin';
  return { name: `${name}.${ending}`, about, media_type: mediaType, paper, body };
}

