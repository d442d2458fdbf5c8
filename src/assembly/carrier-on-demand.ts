import { keepStringsQuick } from '../lib/quick-strings.ts';
import type { CarriedRequest, Carrier } from '../wire/upgrade-carrier.ts';
import type { UpgradePort } from '../wire/upgrade-port.ts';

/** Loads what carries upgrades with the first of them: many gateways never see one. */
export class CarrierOnDemand implements Carrier {
  #carrier: Carrier | null = null;
  #loading: Promise<Carrier> | null = null;

  carry(request: CarriedRequest, port: UpgradePort, failed: (error: Error) => void): void {
    if (this.#carrier !== null) {
      this.#carrier.carry(request, port, failed);
      return;
    }
    this.#loading ??= this.#load().catch((error: unknown) => {
      this.#loading = null; // such as for want of a descriptor: the next one asks again
      throw error;
    });
    this.#loading.then((carrier) => {
      // Who has gone meanwhile needs no server.
      if (!port.destroyed) carrier.carry(request, port, failed);
    }, failed);
  }

  async #load(): Promise<Carrier> {
    const { UpgradeCarrier } = await import('../wire/upgrade-carrier.ts');
    keepStringsQuick(); // whatever the library did while it was loaded
    this.#carrier = new UpgradeCarrier();
    return this.#carrier;
  }
}
