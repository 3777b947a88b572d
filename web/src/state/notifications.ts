import { computed, signal } from "@preact/signals";
import type { Tone } from "../components/marks/stateLook";

/** A result or news, shown as a toast and kept in the list of the bell. */
export interface Notification {
  id: number;
  /** In seconds since 1970. */
  time: number;
  tone: Tone;
  title: string;
  text: string;
  /** A link, such as to the log. */
  link?: { label: string; href: string };
  /** Whether it tells of something that goes on. */
  progress?: boolean;
  read: boolean;
}

/** How many are kept. */
const KEPT = 100;

let last = 0;

/** All that are kept, newest first. */
export const notifications = signal<readonly Notification[]>([]);
/** The ids of those that are shown as toasts, oldest first. */
export const toasts = signal<readonly number[]>([]);
/** How many have not been seen in the list. */
export const unread = computed(() => notifications.value.filter((each) => !each.read).length);

/** Tell of a result. Returns its id, with which it can be replaced. */
export function notify(news: Omit<Notification, "id" | "time" | "read">): number {
  last += 1;
  const notification: Notification = { ...news, id: last, time: Date.now() / 1000, read: false };
  notifications.value = [notification, ...notifications.value].slice(0, KEPT);
  toasts.value = [...toasts.value, notification.id];
  return notification.id;
}

/** Put other news in the place of some, such as the result in that of the progress. */
export function renew(id: number, news: Omit<Notification, "id" | "time" | "read">): void {
  notifications.value = notifications.value.map((each) =>
    each.id === id ? { ...news, id, time: Date.now() / 1000, read: false } : each,
  );
  if (!toasts.value.includes(id)) toasts.value = [...toasts.value, id];
}

/** Take a toast away; the list keeps it. */
export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((each) => each !== id);
}

/** The list was looked at. */
export function markRead(): void {
  if (unread.peek() > 0) notifications.value = notifications.value.map((each) => ({ ...each, read: true }));
}

/** Empty the list. */
export function clearNotifications(): void {
  notifications.value = [];
  toasts.value = [];
}
