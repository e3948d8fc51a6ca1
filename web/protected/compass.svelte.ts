/** Where the phone points, clockwise from north, if it has a compass and may say so. */

interface AppleEvent extends DeviceOrientationEvent {
  webkitCompassHeading?: number;
}

interface Asking {
  requestPermission?: () => Promise<'granted' | 'denied'>;
}

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
    if (apple !== undefined) this.headingDeg = apple;
    else if (event.absolute && event.alpha !== null) this.headingDeg = (360 - event.alpha) % 360;
  };
}
