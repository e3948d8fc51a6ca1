import { expect, test } from 'vitest';
import { bytesOf, halves, keyFrom, keyOfWords, newWords, plainWords, random, seal, textOf, unseal, WORD_COUNT } from './seal';
import { languages } from '../texts';
import { WORDS } from './wordlist';

const key = keyFrom(random(32));

test('what is sealed opens with its key and its name, and with no other', async () => {
  const sealed = await seal(await key, bytesOf('비밀'), 'petition a');
  expect(textOf(await unseal(await key, sealed, 'petition a'))).toBe('비밀');
  await expect(unseal(await key, sealed, 'petition b')).rejects.toThrow();
  await expect(unseal(await keyFrom(random(32)), sealed, 'petition a')).rejects.toThrow();
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = sealed.slice();
    changed[at]! ^= 1;
    await expect(unseal(await key, changed, 'petition a')).rejects.toThrow();
  }
});

test('the same words sealed twice are other bytes', async () => {
  expect(await seal(await key, bytesOf('x'), 'a')).not.toEqual(await seal(await key, bytesOf('x'), 'a'));
});

test('words open however they were spaced, and other words do not', async () => {
  const salt = random(16);
  const sealed = await seal(await keyOfWords('acid acorn', salt, 1000), bytesOf('x'), 'a');
  expect(textOf(await unseal(await keyOfWords(' Acid,\n ACORN ', salt, 1000), sealed, 'a'))).toBe('x');
  await expect(unseal(await keyOfWords('acorn acid', salt, 1000), sealed, 'a')).rejects.toThrow();
  expect(plainWords('가게 가구'.normalize('NFD'))).toBe('가게 가구');
});

test.each(languages)('a secret is eight words of 256 different ones (%s)', async (language) => {
  const words = await WORDS[language]();
  expect(words).toHaveLength(256);
  expect(new Set(words.map(plainWords)).size).toBe(256);
  expect(words.every((word) => /^[\p{L}\p{M}]+$/u.test(word) && word === word.normalize('NFC'))).toBe(true);
  expect(await newWords(language)).toHaveLength(WORD_COUNT);
});

test('letters that are written for each other are the same', () => {
  expect(plainWords('حديقة أرنب')).toBe(plainWords('حديقه ارنب'));
  expect(plainWords('Ёж')).toBe('еж');
});

test('a link proves itself by one half, and opens by another that does not follow from it', async () => {
  const secret = random(32);
  const [one, two] = [await halves(secret), await halves(secret)];
  expect(one.token).toEqual(two.token);
  expect(textOf(await unseal(two.key, await seal(one.key, bytesOf('x'), 'a'), 'a'))).toBe('x');
  await expect(unseal(await keyFrom(one.token), await seal(one.key, bytesOf('x'), 'a'), 'a')).rejects.toThrow();
});
