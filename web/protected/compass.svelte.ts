/** Where the phone points, clockwise from north, if it has a compass and may say so. */

interface AppleEvent extends DeviceOrientationEvent {
  webkitCompassHeading?: number;
}

interface Asking {
  requestPermission?: () => Promise<'granted' | 'denied'>;
}

const STEP_DEG = 3;

export class Compass {
  headingDeg = $state<number | null>(null);

  /** iPhones ask first, and only in a touch. */
  async start(): Promise<void> {
    const asking = (globalThis.DeviceOrientationEvent ?? {}) as Asking;
    if (asking.requestPermission !== undefined && (await asking.requestPermission()) !== 'granted') return;
    addEventListener('deviceorientationabsolute', this.take as EventListener);
    addEventListener('deviceorientation', this.take as EventListener);
  }

  stop(): void {
    removeEventListener('deviceorientationabsolute', this.take as EventListener);
    removeEventListener('deviceorientation', this.take as EventListener);
  }

  private take = (event: AppleEvent): void => {
    const apple = event.webkitCompassHeading;
    const found = apple ?? (event.absolute && event.alpha !== null ? 360 - event.alpha : null);
    if (found === null) return;
    // The sensor knows the phone, not which way up the page stands on it; whole steps keep a trembling arrow calm.
    const turned = found + (globalThis.screen?.orientation?.angle ?? 0);
    this.headingDeg = (Math.round(turned / STEP_DEG) * STEP_DEG) % 360;
  };
}
