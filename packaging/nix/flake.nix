# SPDX-License-Identifier: GPL-2.0-or-later
# nix run path:.?dir=packaging/nix -- inspect dump.rom
{
  description = "Look into firmware images and quiet the engines in them";

  inputs.nixpkgs.url = "nixpkgs";

  outputs = { self, nixpkgs }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" ];
      each = make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
    in
    {
      packages = each (pkgs: { default = import ./default.nix { inherit pkgs; }; });
      devShells = each (pkgs: { default = pkgs.mkShell { inputsFrom = [ self.packages.${pkgs.system}.default ]; }; });
    };
}
