"""Taking a run home: models that work without Flower Lab, and a card that says what they are."""
